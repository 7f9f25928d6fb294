/**
 * Adoption: an object takes over, on request, what a predecessor of another UID left in the clouds, and its period in the books.
 * {@code AdoptionNeeds} says what must hold; knows what every kind has, and of each kind's own things only the steps.
 */
package dev.anchorhold.operator.adoption;
