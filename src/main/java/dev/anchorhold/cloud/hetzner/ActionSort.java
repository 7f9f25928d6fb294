package dev.anchorhold.cloud.hetzner;

/** Which of a kind's actions a feed begins with: those that began last, whether or not they run, or those that ended last, without what runs. */
public enum ActionSort {
    STARTED,
    FINISHED
}
