"""Reads over the CRM's rows for people: lists, diaries, answers, free time; each in one snapshot, and bounded."""
