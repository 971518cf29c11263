"""One verb per file: plain functions of the house they act in and what they are told."""
