using Mesh.Client.Discovery;
using Mesh.Client.Policy;

namespace Mesh.Client.Calls;

/// <summary>What stays the same through all attempts of one call.</summary>
/// <param name="Service">The service whose endpoints are tried.</param>
/// <param name="Policy">Its policy when the call began: a reload does not change the rules in mid-call.</param>
/// <param name="Request">The request of the first attempt.</param>
/// <param name="AttemptTimeout">The time one attempt may take, before the deadline shortens it.</param>
/// <param name="Deadline">When the caller stops waiting.</param>
/// <param name="IsIdempotent">Whether sending the request twice does no harm.</param>
/// <param name="CanRepeat">Whether it is idempotent and its body can be sent again.</param>
/// <param name="Inspects">Whether the decision to repeat may need a look into the body of the answer.</param>
/// <param name="Criticality">How much the call matters, as the request being served does.</param>
/// <param name="Caller">The caller's own token.</param>
internal readonly record struct CallScope(
    ServiceTarget Service,
    ServicePolicy Policy,
    HttpRequestMessage Request,
    TimeSpan AttemptTimeout,
    Deadline Deadline,
    bool IsIdempotent,
    bool CanRepeat,
    bool Inspects,
    Criticality Criticality,
    CancellationToken Caller);
