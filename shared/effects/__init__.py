"""Effects to the outside: what a service does that no rollback takes back, mails first.

An effect is planned in the transaction that decides it: a row, no act. A runner claims it (a lease,
so that one process has it), prepares it (what may speak against it is asked last of all), marks it
dispatched, acts, and settles it:

    planned -> claimed -> dispatched -> accepted | failed | unknown
       ^          |           |
       +----------+-----------+   not now, or nobody there: again later
                  +-> suppressed  something spoke against it
                  +-> planned     something spoke against doing it now

A process that dies between claiming and dispatching has done nothing: the effect is planned again.
One that dies after that may have acted: it is done again as often as its kind permits (`repeats`,
always under the same id, so that the other side can tell), else it is `unknown` and a person says
what became of it. What may have happened is never called failed or suppressed.

Every kind has a lane of its own: a kind that is slow or whose server is away holds no other up.
A kind is one file beside the service's couriers and one line in its catalogue.
"""
