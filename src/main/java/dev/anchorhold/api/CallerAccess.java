package dev.anchorhold.api;

import dev.anchorhold.identity.Caller;
import dev.anchorhold.identity.Caller.Credential;
import dev.anchorhold.identity.Membership;
import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.ledger.books.PeriodQuery;
import dev.anchorhold.ledger.books.Periods;
import dev.anchorhold.platform.web.HttpProblem;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.inject.Instance;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The caller of the current request, and access checks for the accounts and resources that they name. What is not theirs is not
 * there: a 404 for either.
 */
@RequestScoped
public class CallerAccess {
    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    private final Instance<Periods> periods;
    private Caller caller;

    CallerAccess(Instance<Periods> periods) {
        this.periods = periods;
    }

    public void begin(Caller caller) {
        this.caller = caller;
    }

    public Caller caller() {
        return caller;
    }

    public AccessScope scope() {
        return caller.auditor()
                ? AccessScope.all()
                : AccessScope.of(caller.accounts().keySet());
    }

    /**
     * The account's name, when there is one of that name that the caller may see; for auditors also one that is no more.
     *
     * @throws HttpProblem 404
     */
    public String requireAccount(String name) {
        boolean current = caller.accounts().containsKey(name);
        if (!current
                && !(caller.auditor()
                        && isAccountName(name)
                        && isInTheBooks(PeriodQuery.all().account(name)))) {
            throw HttpProblem.notFound();
        }
        return name;
    }

    /** An account's name for people; of one that is no more, its name. */
    public String displayName(String account) {
        Membership membership = caller.accounts().get(account);
        return membership == null ? account : membership.displayName();
    }

    static boolean isAccountName(String text) {
        return ACCOUNT.matcher(text).matches();
    }

    /**
     * The person, who must have come by a browser's session: what only they may do, and no token of theirs.
     *
     * @throws HttpProblem 403
     */
    public UUID requireBrowser() {
        if (caller.credential() != Credential.SESSION) {
            throw new HttpProblem(403, "only you may do this, signed in with a browser: no token can", null);
        }
        return caller.person().orElseThrow();
    }

    Optional<String> requireAccountIfGiven(String name) {
        return Optional.ofNullable(name).map(this::requireAccount);
    }

    /**
     * The resource's UID, when it was ever one of an account that the caller may see.
     *
     * @throws HttpProblem 400 for what is no UID, 404
     */
    public String requireResource(String uid) {
        if (!isInTheBooks(PeriodQuery.all().resource(QueryParameters.uid(uid, "resource")))) {
            throw HttpProblem.notFound();
        }
        return uid;
    }

    Optional<String> requireResourceIfGiven(String uid) {
        return Optional.ofNullable(uid).map(this::requireResource);
    }

    private boolean isInTheBooks(PeriodQuery query) {
        return !periods.get().list(scope(), query, Optional.empty(), 1).isEmpty();
    }
}
