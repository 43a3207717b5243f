namespace Mesh.Authorization;

/// <summary>What a condition is about.</summary>
internal enum ConditionKind
{
    Text,
    Principal,
    TrustDomain,
    Header,
    Claim,
    Address,
    Port,
    ServiceAccount,
}
