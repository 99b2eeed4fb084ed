"""What happens on which day, as plain data: pure, from a seed. The player makes it happen."""
