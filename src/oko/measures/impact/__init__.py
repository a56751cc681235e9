"""Effect of the model: estimates from few schools and what may be inferred from them."""
