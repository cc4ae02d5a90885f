"""Where the vectors and transcripts come from; `generate.py` writes them out."""
