"""The suite mirrors the packages; journeys drive the whole in a browser."""
