package dev.anchorhold.sim.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Base of a simulated cloud's state: the one lock under which its tables are read and changed, and its clock. */
public abstract class SimulatedCloud implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SimulatedCloud.class.getName());

    public final SimulatorClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    protected SimulatedCloud(SimulatorClock clock) {
        this.clock = clock;
    }

    /** Makes what was changed durable. */
    protected abstract void commit();

    /** Closes the commit log: nothing is written any more after this. */
    protected abstract void closeTables();

    public final Instant now() {
        return clock.now();
    }

    /** All that changes or reads rows runs in here; what was changed is durable when it returns. */
    public final <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            if (!closed) commit();
            lock.unlock();
        }
    }

    /** Runs the route's handler on a request. A bug in it is logged, and answered as the cloud's own would be. */
    public final <C> ApiResponse perform(Router.Route<C> route, C call, SimulatedApiError bug) {
        try {
            return locked(() -> route.handler().apply(call));
        } catch (SimulatedApiError refused) {
            return refused.response();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the simulator failed in " + route.template(), e);
            return bug.response();
        }
    }

    public final void later(Duration delay, Runnable work) {
        at(now().plus(delay), work);
    }

    /** Runs the work under the lock at that time, unless the simulator was closed in between. */
    public final void at(Instant when, Runnable work) {
        clock.at(when, () -> react(work));
    }

    /** For work of timers and machines, for which nobody waits: a bug in it is at least logged. */
    public final void react(Runnable work) {
        try {
            locked(() -> {
                if (!closed) work.run();
                return null;
            });
        } catch (RuntimeException bug) {
            LOG.log(System.Logger.Level.ERROR, "the simulator failed", bug);
            throw bug;
        }
    }

    @Override
    public final void close() {
        clock.close();
        lock.lock();
        try {
            closed = true;
            closeTables();
        } finally {
            lock.unlock();
        }
    }
}
