"""Weights in from elsewhere, ONNX out."""
