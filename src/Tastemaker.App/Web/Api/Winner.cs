using System.Text.Json;
using System.Text.Json.Serialization;
using Tastemaker.Core.Judging;

namespace Tastemaker.App.Web.Api;

/// <summary>Who won, as a request says it: <c>"left"</c>, <c>"right"</c>, <c>"draw"</c>, <c>"skip"</c>, or a place from 1 on.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct Winner(Answer Answer)
{
    public static IReadOnlyList<string> Words { get; } = ["left", "right", "draw", "skip"];

    private sealed class Converter : JsonConverter<Winner>
    {
        private const int MostImages = 4;

        public override Winner Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt32(out var place) && place is >= 1 and <= MostImages => new(Answer.Won(place - 1)),
            JsonTokenType.String when reader.GetString() is { } word => word switch
            {
                "left" => new(Answer.Won(0)),
                "right" => new(Answer.Won(1)),
                "draw" => new(Answer.Draw),
                "skip" => new(Answer.Skip),
                _ => throw Refusal(),
            },
            _ => throw Refusal(),
        };

        public override void Write(Utf8JsonWriter writer, Winner value, JsonSerializerOptions options) => throw new NotSupportedException("Winners are only read.");

        private static JsonException Refusal() => new($"'winner' is 'left', 'right', 'draw', 'skip', or the place of the image that won, 1 to {MostImages}.");
    }
}
