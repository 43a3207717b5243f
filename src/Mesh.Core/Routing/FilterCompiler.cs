using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Routing.Auth;
using Mesh.Routing.Caching;
using Mesh.Routing.Compression;
using Mesh.Routing.Cors;

namespace Mesh.Routing;

/// <summary>Validates and compiles the filters of one rule or backend.</summary>
internal sealed class FilterCompiler(ConfigurationErrors errors)
{
    private readonly HashSet<RouteFilterType> _seen = [];

    public HeaderModifier? RequestHeaders { get; private set; }

    public HeaderModifier? ResponseHeaders { get; private set; }

    public UrlRewrite? Rewrite { get; private set; }

    public RouteRedirect? Redirect { get; private set; }

    public RouteDirectResponse? DirectResponse { get; private set; }

    public FaultPolicy? Fault { get; private set; }

    public RouteCors? Cors { get; private set; }

    public long? BodyLimit { get; private set; }

    public RouteAuth? Auth { get; private set; }

    public RouteCompression? Compression { get; private set; }

    public RouteCache? Cache { get; private set; }

    public List<CompiledMirror> Mirrors { get; } = [];

    /// <summary>The type of the filter that answers by itself, if there is one.</summary>
    public RouteFilterType? Answer => Redirect is not null
        ? RouteFilterType.RequestRedirect
        : DirectResponse is not null ? RouteFilterType.DirectResponse : null;

    public void Add(RouteFilterOptions filter, List<RouteMatchOptions> matches, string path)
    {
        if (filter.Type is not { } type)
        {
            errors.AddMissing($"{path}:{nameof(filter.Type)}", $"one of {string.Join(", ", Enum.GetNames<RouteFilterType>())}");
            return;
        }

        if (!_seen.Add(type) && type != RouteFilterType.RequestMirror)
        {
            errors.Add($"{path}:{nameof(filter.Type)}", type, $"each type once in a rule, but {nameof(RouteFilterType.RequestMirror)}");
        }

        CheckCompany(type, path);
        if (IsExpected(filter.RequestHeaderModifier, type, RouteFilterType.RequestHeaderModifier, path, out var member))
        {
            RequestHeaders = HeaderModifierCompiler.Compile(filter.RequestHeaderModifier!, member, errors);
        }

        if (IsExpected(filter.ResponseHeaderModifier, type, RouteFilterType.ResponseHeaderModifier, path, out member))
        {
            ResponseHeaders = HeaderModifierCompiler.Compile(filter.ResponseHeaderModifier!, member, errors);
        }

        if (IsExpected(filter.URLRewrite, type, RouteFilterType.URLRewrite, path, out member))
        {
            Rewrite = RewriteCompiler.Compile(filter.URLRewrite!, matches, member, errors);
        }

        if (IsExpected(filter.RequestRedirect, type, RouteFilterType.RequestRedirect, path, out member))
        {
            Redirect = AnswerCompiler.Compile(filter.RequestRedirect!, matches, member, errors);
        }

        if (IsExpected(filter.RequestMirror, type, RouteFilterType.RequestMirror, path, out member))
        {
            Mirrors.Add(CompiledMirror.Compile(filter.RequestMirror!, member, errors));
        }

        if (IsExpected(filter.DirectResponse, type, RouteFilterType.DirectResponse, path, out member))
        {
            DirectResponse = AnswerCompiler.Compile(filter.DirectResponse!, member, errors);
        }

        if (IsExpected(filter.FaultInjection, type, RouteFilterType.FaultInjection, path, out member))
        {
            Fault = FaultPolicy.Compile(filter.FaultInjection!, member, errors);
        }

        if (IsExpected(filter.CORS, type, RouteFilterType.CORS, path, out member))
        {
            Cors = CorsCompiler.Compile(filter.CORS!, member, errors);
        }

        if (IsExpected(filter.BodyLimit, type, RouteFilterType.BodyLimit, path, out member))
        {
            BodyLimit = filter.BodyLimit!.Compile(member, errors);
        }

        if (IsExpected(filter.Auth, type, RouteFilterType.Auth, path, out member))
        {
            Auth = RouteAuth.Compile(filter.Auth!, member, errors);
        }

        if (IsExpected(filter.Compression, type, RouteFilterType.Compression, path, out member))
        {
            Compression = RouteCompression.Compile(filter.Compression!, member, errors);
        }

        // All of it has a default.
        if (type == RouteFilterType.Cache)
        {
            filter.Cache ??= new CacheOptions();
        }

        if (IsExpected(filter.Cache, type, RouteFilterType.Cache, path, out member))
        {
            Cache = RouteCache.Compile(filter.Cache!, member, errors);
        }
    }

    // What a rule answers itself is sent nowhere: not rewritten, not copied, and not answered twice.
    private void CheckCompany(RouteFilterType type, string path)
    {
        var answers = type is RouteFilterType.RequestRedirect or RouteFilterType.DirectResponse;
        foreach (var other in _seen)
        {
            if (other != type
                && (answers || other is RouteFilterType.RequestRedirect or RouteFilterType.DirectResponse)
                && !GoesWithAnswer(type)
                && !GoesWithAnswer(other))
            {
                errors.Add($"{path}:Type", $"{type} cannot be in one rule with {other}: a rule that answers itself sends nothing on.");
            }
        }
    }

    private static bool GoesWithAnswer(RouteFilterType type) =>
        type is RouteFilterType.ResponseHeaderModifier or RouteFilterType.CORS or RouteFilterType.Auth or RouteFilterType.Compression;

    // A member that does not go with the type would silently do nothing.
    private bool IsExpected(object? options, RouteFilterType type, RouteFilterType member, string path, out string memberPath)
    {
        memberPath = $"{path}:{member}";
        var present = options is not null;
        if (present != (type == member))
        {
            errors.Add(memberPath, present ? $"there is no place for it in a filter of type {type}." : $"a filter of type {type} needs it.");
        }

        return present && type == member;
    }
}
