namespace Mesh.Server.Authentication.Places;

/// <summary>The parts of a request that a token may be in.</summary>
internal enum TokenPlace
{
    Header,
    Parameter,
    Cookie,
}
