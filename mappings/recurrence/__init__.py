"""Recurrence, pure: the CRM's rules and occurrences, and what RFC 5545 says of them."""
