"""The CRM's house: its tables under their own names, the triggers that watch them, the ids drawn for them."""
