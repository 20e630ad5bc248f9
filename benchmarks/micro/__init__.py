"""The micro compiler's figures: MLPerf Tiny's int8 models on emulated boards in every mode."""
