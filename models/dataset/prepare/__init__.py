"""From a folder of photographs to a data set, in stages that can be stopped, resumed and explained."""
