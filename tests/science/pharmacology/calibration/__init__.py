"""The response model fitted to the verified arms of the evidence tables, and each study predicted without its own."""
