"""Claims x topics -> rows -> table; and `told(topic)`: the claims under a topic, the
only telling.
"""
