"""Speed: images a second, costs of the whole training, benchmarks beside peers."""
