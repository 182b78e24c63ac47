"""What was detected, drawn for people: boxes, trails, heat maps, pictures of whole streams."""
