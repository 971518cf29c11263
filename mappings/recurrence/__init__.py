"""How a series recurs: the CRM's rules, iCalendar's, and the occurrences that both mean."""
