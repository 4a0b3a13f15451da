"""Weights from elsewhere become run folders, and ours become ONNX files."""
