namespace Mesh.Server.Authentication;

/// <summary>What was found out once and holds for a while.</summary>
internal interface IExpiring
{
    /// <summary>Whether it still holds.</summary>
    bool IsFresh(DateTimeOffset now);
}
