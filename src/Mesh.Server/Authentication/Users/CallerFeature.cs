using System.Security.Claims;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Mesh.Server.Authentication.Users;

/// <summary>
/// <c>HttpContext.User</c>, made when somebody asks for it: most endpoints that documents protect never do, and its claims are
/// most of what a token costs that has been seen before.
/// </summary>
internal sealed class CallerFeature(MeshRequest request) : IHttpAuthenticationFeature, IAuthenticateResultFeature
{
    private ClaimsPrincipal? _user;
    private AuthenticateResult? _result;
    private bool _isMade;

    public ClaimsPrincipal? User
    {
        get
        {
            Make();
            return _user;
        }

        set
        {
            _user = value;
            _result = null;
            _isMade = true;
        }
    }

    public AuthenticateResult? AuthenticateResult
    {
        get
        {
            Make();
            return _result;
        }

        set
        {
            _result = value;
            _user = value?.Principal;
            _isMade = true;
        }
    }

    private void Make()
    {
        if (_isMade)
        {
            return;
        }

        _isMade = true;
        _user = CallerIdentities.Create(request, MeshAuthenticationDefaults.AuthenticationScheme);
        _result = _user is null ? AuthenticateResult.NoResult() : AuthenticateResult.Success(new AuthenticationTicket(_user, MeshAuthenticationDefaults.AuthenticationScheme));
    }
}
