"""The explaining half: it turns run folders into verdicts, figures and a page."""
