"""Anchorhold's guest program: all of Anchorhold that runs in an Agent's VM.

It redeems its one-time token at the guest door, and then brings the machine to the state that its payload describes
and keeps it there: the host's firewall, the data volume, the container, the connector of the tunnel. Nobody can log in
to help it, so it never gives up, and it can be killed at any point: nothing that matters is only in memory, and each
round looks at the machine before it does anything.

Two threads. The reconciler looks at the machine, does what is needed next, sleeps, and never waits for the door. The
door thread reports to the door what the reconciler saw, fetches settings, and never waits for the machine.

Standard library only, Python 3.9 or later. ANCHORHOLD_ROOT is another root than / for the tests. This is one file put
together from modules (dev.anchorhold.guest.GuestProgram); each section says which.
"""
