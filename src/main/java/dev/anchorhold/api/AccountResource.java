package dev.anchorhold.api;

import dev.anchorhold.identity.Membership;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.resource.AccountSpec.Role;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lists the accounts whose books the caller may read: {@code /api/accounts}. */
@Path("/api/accounts")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Accounts")
public class AccountResource {
    private final CallerAccess access;

    AccountResource(CallerAccess access) {
        this.access = access;
    }

    /**
     * @param name what other calls take as {@code account}
     * @param role what the caller may do; an auditor who is no member reads as a Viewer
     */
    record AccountItem(String name, String displayName, Role role) {

        private static AccountItem of(Map.Entry<String, Membership> account) {
            Membership it = account.getValue();
            return new AccountItem(account.getKey(), it.displayName(), it.role());
        }
    }

    @GET
    @Operation(
            summary = "The accounts that you may see",
            description = "Those that name you as a member; an auditor sees all that there are.")
    public ResultPage<AccountItem, String> list(
            @Parameter(description = ParameterDescriptions.AFTER) @QueryParam("after") String after,
            @Parameter(description = ParameterDescriptions.LIMIT)
                    @QueryParam("limit")
                    @DefaultValue(QueryParameters.DEFAULT_LIMIT)
                    String limit) {
        int max = QueryParameters.limit(limit);
        HttpProblem.require(
                after == null || CallerAccess.isAccountName(after), "after", "must be next of the page before");
        SortedMap<String, Membership> all = access.caller().accounts();
        List<Map.Entry<String, Membership>> found = (after == null ? all : all.tailMap(after + '\0'))
                .entrySet().stream().limit(max + 1L).toList();
        return ResultPage.of(found, max, AccountItem::of, Map.Entry::getKey);
    }
}
