"""Tables, figures, holes, words and style: how anything is shown."""
