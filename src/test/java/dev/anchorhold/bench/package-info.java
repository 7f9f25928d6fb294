/**
 * Benches: {@code ./dev bench NAME} runs the main class {@code <Name>Bench}. Each starts the packaged operator on a {@code TestEnvironment}, measures what
 * somebody who pays for calls and waits for servers would, and leaves a Markdown table on the screen and JSON in {@code target/bench}.
 */
package dev.anchorhold.bench;
