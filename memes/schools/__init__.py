"""What schools get: the page for teachers, and the classroom screen."""
