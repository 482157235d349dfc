"""What Streamlit runs. It stands apart: beside a folder named `pages`, Streamlit takes its modules for scripts."""

from dashboards.app import main

main()
