"""How good a network is: measures on pictures, each named with the features that it sees through."""
