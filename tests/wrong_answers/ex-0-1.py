# wrong: averages over the batch
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    return x.mean(axis=0)


# wrong: averages over the features
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    return x.mean(axis=2)


# wrong: keeps a time axis of length 1
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    return x.mean(axis=1, keepdims=True)


# wrong: sums and does not divide
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    return x.sum(axis=1)


# wrong: divides by a fixed length
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    return x.sum(axis=1) / 4


# wrong: returns the last timestep
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    return x[:, -1]


# wrong: prints and returns nothing
# exercise: 0.1
def mean_over_time(x):
    """Average a batch over its timesteps: x (N, T, D) -> (N, D)."""
    print(x.mean(axis=1))
