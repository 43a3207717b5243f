using System.Runtime.CompilerServices;
using Mesh.Limits;
using Mesh.Server.Policy;

namespace Mesh.Server.RateLimits;

/// <summary>Room on the stack for what one request is charged.</summary>
[InlineArray(MeshServerOptions.MaxRateLimits)]
internal struct ChargeBuffer
{
    private RateLimitCharge _first;
}
