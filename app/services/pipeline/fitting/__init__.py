"""How the shipped models were fitted. Run by a developer, never by the product; scikit-learn does the fitting."""
