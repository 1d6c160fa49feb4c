"""What the resources share: the table's row, routing, validation, lists, errors, models."""
