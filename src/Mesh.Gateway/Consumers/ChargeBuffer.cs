using System.Runtime.CompilerServices;
using Mesh.Limits;

namespace Mesh.Gateway.Consumers;

/// <summary>Room on the stack for what one request is charged.</summary>
[InlineArray(PlanOptions.MaxLimits)]
internal struct ChargeBuffer
{
    private RateLimitCharge _first;
}
