"""What schools get: the page for teachers, the classroom screen, collections."""
