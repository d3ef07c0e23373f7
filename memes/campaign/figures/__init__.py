"""What is published in numbers, and what children propose."""
