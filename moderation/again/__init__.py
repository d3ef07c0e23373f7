"""Password and second factor once more, before something that matters."""
