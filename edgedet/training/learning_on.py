"""How a trained model learns on where nobody says otherwise."""

# Shares of the recipe's learning rate. Weights that learn to round are to move by integer steps;
# those that are left of pruning have more to make good.
QAT_RATE, PRUNING_RATE = 0.1, 0.5
# Passes over the data after pruning.
PRUNING_EPOCHS = 10
# Who rounds; the other one is tfmot.
QAT_ENGINE = "edgedet"
