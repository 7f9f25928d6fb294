/** Tests of the product as it is run: its image, installed by its chart and Helm in a cluster whose pods really run. */
package dev.anchorhold.cluster;
