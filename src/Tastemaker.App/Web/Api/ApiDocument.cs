using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Tastemaker.App.Web.Api;

/// <summary>The OpenAPI document of everything under <c>/api</c>, made from the endpoints themselves.</summary>
internal static class ApiDocument
{
    public static void Register(IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "Tastemaker",
                Version = "1",
                Description = "Judge images, and have them ranked by what was learned. Images are named by their content ids. "
                    + "Errors are application/problem+json; their detail says what is wrong and what to do.",
            };
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            if (operation is { OperationId: ScoreEndpoint.Name, RequestBody.Content: { } bodies })
            {
                bodies[ScoreEndpoint.FormType] = new() { Schema = Uploads() };
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(Winner))
            {
                schema.Description = "'left', 'right', 'draw', 'skip', or the place of the image that won, from 1 on.";
                schema.OneOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Winner.Words.Select(word => (JsonNode)word)] },
                    new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "4" },
                ];
            }

            return Task.CompletedTask;
        });
    });

    private static OpenApiSchema Uploads() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "files" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["files"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
            ["taste"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Whose figures are wanted besides the heads'; 'mine' where nobody says." },
        },
    };
}
