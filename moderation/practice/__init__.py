"""Practice: invented entries with agreed answers. Never mixed with real ones: data and answers have places of their own."""
