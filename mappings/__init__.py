"""Pure mappings between the CRM's invitations and the calendar standards.

Nothing here reads a clock, a database, a network or a random source: every function takes values and gives
values, so that each rule can be read, tested and explained by itself.
"""
