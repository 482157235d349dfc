"""The script that Streamlit runs, with its settings."""
