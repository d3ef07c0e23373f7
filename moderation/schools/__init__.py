"""What teachers leave, as the desk sees it."""
