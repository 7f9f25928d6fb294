package dev.anchorhold.platform;

import org.jboss.logging.Logger;

/**
 * Starts the threads that a process cannot do without, and ends the process when one of them ends by something that it did not
 * expect: whoever runs the process starts it again, whole. A process that goes on without one of its loops looks well and is not.
 */
public final class VitalThread {
    private static final Logger LOG = Logger.getLogger(VitalThread.class);
    /** EX_SOFTWARE of sysexits.h. */
    private static final int EXIT_CODE = 70;

    private VitalThread() {}

    /**
     * Inherits nothing from the thread that starts it: a loop that a reconcile starts would be taken for that reconcile in the logs, for ever.
     *
     * @param loop deals with its exceptions itself; it returns only when it is to end
     */
    public static Thread start(String name, Runnable loop) {
        return Thread.ofVirtual()
                .name(name)
                .inheritInheritableThreadLocals(false)
                .start(vital(name, loop, VitalThread::endProcess));
    }

    /** As {@link #start}, on a thread of the operating system's. */
    public static Thread startPlatform(String name, Runnable loop) {
        return Thread.ofPlatform()
                .daemon()
                .name(name)
                .inheritInheritableThreadLocals(false)
                .start(vital(name, loop, VitalThread::endProcess));
    }

    /**
     * The same for the threads of libraries, such as those that reconcile: one of them that ends by an {@link Error} has left
     * something undone for ever. An exception there is the library's affair.
     */
    public static void endProcessOnErrors() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (thrown instanceof Error) {
                reportAndEnd(thread.getName(), thrown, VitalThread::endProcess);
            } else {
                LOG.errorf(thrown, "thread %s has ended", thread.getName());
            }
        });
    }

    static Runnable vital(String name, Runnable loop, Runnable end) {
        return () -> {
            try {
                loop.run();
            } catch (Throwable thrown) {
                reportAndEnd(name, thrown, end);
            }
        };
    }

    /** That there may be no memory left to report it does not keep the process alive. */
    private static void reportAndEnd(String name, Throwable thrown, Runnable end) {
        try {
            LOG.fatalf(thrown, "thread %s has ended; the process ends, to be started again", name);
        } finally {
            end.run();
        }
    }

    /** Without shutdown hooks, which would need the memory that may be missing. */
    private static void endProcess() {
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
