"""Covering what could tell who somebody is, and marking what a child is asked to change."""
