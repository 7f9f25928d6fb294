package dev.anchorhold;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Sets, for all tests, how long a wait for a condition may take before the test fails: so long that something must be wrong, also on a
 * machine that does much else. No test is slower for it, since a wait ends with its condition. That something is quick is asserted by a
 * clock of the test's own or by counting, never by a limit on a wait.
 */
public final class WaitLimit implements LauncherSessionListener {
    public static final Duration WAIT_LIMIT = Duration.ofMinutes(4);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(WAIT_LIMIT);
    }
}
