using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Generation;

public sealed class ComfyTests
{
    /// <summary>ComfyUI's own example (script_examples/websockets_api_example.py), with a link to the text and a number that is none.</summary>
    public const string Example = """
        {
          "3": {"class_type": "KSampler", "inputs": {"cfg": 8, "denoise": 1, "latent_image": ["5", 0], "model": ["10", 0], "negative": ["7", 0], "positive": ["6", 0], "sampler_name": "euler", "scheduler": "normal", "seed": 18446744073709551615, "steps": 20}},
          "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5-pruned-emaonly.safetensors"}},
          "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": 1, "height": 768, "width": 512}},
          "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": ["11", 0]}},
          "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "bad hands"}, "_meta": {"title": "Negative"}},
          "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
          "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}, "is_changed": NaN},
          "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "detail.safetensors", "strength_model": 0.8, "strength_clip": 1.0, "model": ["4", 0], "clip": ["4", 1]}},
          "11": {"class_type": "PrimitiveString", "inputs": {"value": "masterpiece best quality girl"}}
        }
        """;

    [Theory]
    [InlineData("prompt")]
    [InlineData("parameters")]
    public void A_graph_that_ran(string keyword)
    {
        var info = Of((keyword, Example), ("workflow", "{\"nodes\": []}"));

        Assert.Equal((Generator.ComfyUI, "masterpiece best quality girl", "bad hands"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((ulong.MaxValue, 20, 8.0, "euler", "normal"), (info.Seed, info.Steps, info.CfgScale, info.Sampler, info.Scheduler));
        Assert.Equal((512, 768, "v1-5-pruned-emaonly.safetensors"), (info.Width, info.Height, info.Model));
        Assert.Equal([("denoise", "1"), ("batch_size", "1"), ("lora", "detail.safetensors: 0.8")], Settings(info));
    }

    [Fact]
    public void A_graph_in_EXIF_strings_as_savers_of_WebP_write_it()
    {
        var info = GenerationInfo.Of(new EmbeddedMetadata { Exif = new Dictionary<int, string> { [0x0110] = $"prompt:{Example}", [0x010F] = "Workflow:{}" } });

        Assert.Equal((Generator.ComfyUI, "masterpiece best quality girl"), (info?.Generator, info?.Prompt));
    }

    [Fact]
    public void Infotext_that_a_saver_of_ComfyUI_added_is_believed_and_the_graph_says_who_made_it()
    {
        var info = Of(("prompt", Example), ("parameters", InfotextTests.Documented));

        Assert.Equal((Generator.ComfyUI, 965400086UL), (info.Generator, info.Seed));
    }

    [Fact]
    public void Only_the_page_s_workflow()
    {
        var info = Of(("workflow", """
            {"last_node_id": 9, "nodes": [
              {"id": 7, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "type": "CLIP", "link": 5}], "outputs": [], "widgets_values": ["text, watermark"]},
              {"id": 6, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "type": "CLIP", "link": 3}, {"name": "text", "type": "STRING", "link": 20, "widget": {"name": "text"}}], "widgets_values": ["what it was before"]},
              {"id": 5, "type": "EmptyLatentImage", "widgets_values": [640, 512, 4]},
              {"id": 3, "type": "KSampler", "inputs": [{"name": "model", "link": 1}, {"name": "positive", "link": 4}, {"name": "negative", "link": 6}, {"name": "latent_image", "link": 2}], "widgets_values": [156680208700286, "randomize", 20, 8, "euler", "normal", 1]},
              {"id": 30, "type": "KSampler", "mode": 2, "inputs": [], "widgets_values": [1, "fixed", 1, 1, "ddim", "normal", 1]},
              {"id": 12, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 8}]},
              {"id": 4, "type": "CheckpointLoaderSimple", "inputs": [], "widgets_values": ["dreamshaper.safetensors"]},
              {"id": 13, "type": "Some Text Node", "inputs": [{"name": "string", "type": "STRING", "widget": {"name": "string"}, "link": null}], "widgets_values": ["beautiful scenery"]}],
             "links": [[1, 12, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"], [4, 6, 0, 3, 1, "CONDITIONING"], [5, 4, 1, 7, 0, "CLIP"], [6, 7, 0, 3, 2, "CONDITIONING"], [8, 4, 0, 12, 0, "MODEL"], [20, 13, 0, 6, 1, "STRING"]]}
            """));

        Assert.Equal((Generator.ComfyUI, "beautiful scenery", "text, watermark"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((156680208700286UL, 20, 8.0, "euler", "normal"), (info.Seed, info.Steps, info.CfgScale, info.Sampler, info.Scheduler));
        Assert.Equal((640, 512, "dreamshaper.safetensors"), (info.Width, info.Height, info.Model));
    }

    /// <summary>A prompt that is fed from outside, one that is set on the node, and a seed of a control inside; a lone control keeps its own value.</summary>
    private const string Nested = """
        {"nodes": [
          {"id": 76, "type": "9b9009e4-2d3d", "mode": 0,
           "inputs": [{"name": "clip", "type": "CLIP", "link": 1}, {"name": "text", "type": "STRING", "widget": {"name": "text"}, "link": 2}, {"name": "bad", "type": "STRING", "widget": {"name": "bad"}, "link": null}, {"name": "width", "type": "INT", "widget": {"name": "width"}, "link": null}],
           "outputs": [{"name": "LATENT", "type": "LATENT", "links": [3]}],
           "properties": {"proxyWidgets": [["-1", "bad"], ["-1", "width"], ["69", "seed"], ["69", "control_after_generate"], ["-1", "$$canvas-image-preview"]]},
           "widgets_values": ["blurry", 832, 123, null]},
          {"id": 4, "type": "CheckpointLoaderSimple", "inputs": [], "widgets_values": ["model.safetensors"]},
          {"id": 5, "type": "PrimitiveString", "inputs": [{"name": "value", "widget": {"name": "value"}, "link": null}], "widgets_values": ["a fox"]},
          {"id": 8, "type": "VAEDecode", "inputs": [{"name": "samples", "type": "LATENT", "link": 3}]}],
         "links": [[1, 4, 1, 76, 0, "CLIP"], [2, 5, 0, 76, 1, "STRING"], [3, 76, 0, 8, 0, "LATENT"]],
         "definitions": {"subgraphs": [
          {"id": "9b9009e4-2d3d", "name": "Sample", "inputNode": {"id": -10}, "outputNode": {"id": -20},
           "inputs": [{"name": "clip", "linkIds": [10, 11]}, {"name": "text", "linkIds": [12]}, {"name": "bad", "linkIds": [13]}, {"name": "width", "linkIds": [14]}],
           "outputs": [{"name": "LATENT", "linkIds": [20]}],
           "nodes": [
            {"id": 69, "type": "KSampler", "inputs": [{"name": "positive", "link": 15}, {"name": "negative", "link": 16}, {"name": "latent_image", "link": 17}, {"name": "model", "link": 18}], "widgets_values": [1, "randomize", 8, 1.5, "euler", "simple", 1]},
            {"id": 67, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "link": 10}, {"name": "text", "widget": {"name": "text"}, "link": 12}], "widgets_values": ["what it was before"]},
            {"id": 68, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "link": 11}, {"name": "text", "widget": {"name": "text"}, "link": 13}], "widgets_values": [""]},
            {"id": 70, "type": "0ca1-size", "inputs": [{"name": "width", "widget": {"name": "width"}, "link": 14}], "outputs": [{"links": [17]}], "properties": {}, "widgets_values": [64]},
            {"id": 71, "type": "LoraLoaderModelOnly", "inputs": [], "widgets_values": ["turbo.safetensors", 0.5]}],
           "links": [
            {"id": 10, "origin_id": -10, "origin_slot": 0, "target_id": 67, "target_slot": 0, "type": "CLIP"}, {"id": 11, "origin_id": -10, "origin_slot": 0, "target_id": 68, "target_slot": 0, "type": "CLIP"},
            {"id": 12, "origin_id": -10, "origin_slot": 1, "target_id": 67, "target_slot": 1, "type": "STRING"}, {"id": 13, "origin_id": -10, "origin_slot": 2, "target_id": 68, "target_slot": 1, "type": "STRING"},
            {"id": 14, "origin_id": -10, "origin_slot": 3, "target_id": 70, "target_slot": 0, "type": "INT"}, {"id": 15, "origin_id": 67, "origin_slot": 0, "target_id": 69, "target_slot": 0, "type": "CONDITIONING"},
            {"id": 16, "origin_id": 68, "origin_slot": 0, "target_id": 69, "target_slot": 1, "type": "CONDITIONING"}, {"id": 17, "origin_id": 70, "origin_slot": 0, "target_id": 69, "target_slot": 2, "type": "LATENT"},
            {"id": 18, "origin_id": 71, "origin_slot": 0, "target_id": 69, "target_slot": 3, "type": "MODEL"}, {"id": 20, "origin_id": 69, "origin_slot": 0, "target_id": -20, "target_slot": 0, "type": "LATENT"}]},
          {"id": "0ca1-size", "inputs": [{"name": "width"}], "outputs": [{"name": "LATENT"}],
           "nodes": [{"id": 1, "type": "EmptyLatentImage", "inputs": [{"name": "width", "widget": {"name": "width"}, "link": 1}], "widgets_values": [512, 640, 1]}],
           "links": [[1, -10, 0, 1, 0, "INT"], [2, 1, 0, -20, 0, "LATENT"]]}]}}
        """;

    [Fact]
    public void A_page_s_workflow_whose_nodes_stand_for_subgraphs()
    {
        var info = Of(("workflow", Nested));

        Assert.Equal((Generator.ComfyUI, "a fox", "blurry", 123UL, 8, 1.5), (info.Generator, info.Prompt, info.NegativePrompt, info.Seed, info.Steps, info.CfgScale));
        Assert.Equal(("euler", "simple", 832, 640), (info.Sampler, info.Scheduler, info.Width, info.Height));
        Assert.Contains(("lora", "turbo.safetensors: 0.5"), Settings(info));
    }

    [Fact]
    public void Controls_that_are_shown_outside_without_values_keep_those_inside()
    {
        var info = Of(("workflow", """
            {"nodes": [{"id": 1, "type": "S", "inputs": [{"name": "text", "widget": {"name": "text"}, "link": null}], "properties": {"proxyWidgets": [["9", "text"], ["2", "seed"]]}, "widgets_values": []}], "links": [],
             "definitions": {"subgraphs": [{"id": "S", "inputs": [{"name": "text"}],
               "nodes": [{"id": 9, "type": "CLIPTextEncode", "inputs": [{"name": "text", "widget": {"name": "text"}, "link": 2}], "widgets_values": ["a mill"]},
                         {"id": 2, "type": "KSampler", "inputs": [{"name": "positive", "link": 3}], "widgets_values": [5, 6, 7, "euler", "normal", 1]}],
               "links": [[2, -10, 0, 9, 0, "STRING"], [3, 9, 0, 2, 0, "CONDITIONING"]]}]}}
            """));

        Assert.Equal(("a mill", 5UL, 6), (info.Prompt, info.Seed, info.Steps));
    }

    [Fact]
    public void What_feeds_a_sampler_out_of_a_subgraph_is_followed_into_it()
    {
        var info = Of(("workflow", """
            {"nodes": [
              {"id": 1, "type": "S", "inputs": [{"name": "m", "link": 1}, {"name": "text", "widget": {"name": "text"}, "link": null}], "widgets_values": ["a hill"]},
              {"id": 2, "type": "KSampler", "inputs": [{"name": "positive", "link": 2}, {"name": "model", "link": 3}], "widgets_values": [5, 6, 7, "euler", "normal", 1]},
              {"id": 3, "type": "CheckpointLoaderSimple", "widgets_values": ["c.ckpt"]}],
             "links": [[1, 3, 0, 1, 0, "MODEL"], [2, 1, 1, 2, 0, "CONDITIONING"], [3, 1, 0, 2, 1, "MODEL"]],
             "definitions": {"subgraphs": [{"id": "S", "inputs": [{"name": "m"}, {"name": "text"}], "outputs": [{"name": "M"}, {"name": "C"}],
               "nodes": [{"id": 9, "type": "CLIPTextEncode", "inputs": [{"name": "text", "widget": {"name": "text"}, "link": 2}], "widgets_values": [""]}],
               "links": [[1, -10, 0, -20, 0, "MODEL"], [2, -10, 1, 9, 0, "STRING"], [3, 9, 0, -20, 1, "CONDITIONING"]]}]}}
            """));

        Assert.Equal(("a hill", 5UL, 6, "c.ckpt"), (info.Prompt, info.Seed, info.Steps, info.Model));
    }

    [Fact]
    public void A_graph_that_ran_with_the_ids_of_subgraphs()
    {
        var info = Of(("prompt", """
            {"76:69": {"class_type": "KSampler", "inputs": {"seed": 3, "steps": 4, "positive": ["76:67", 0], "negative": ["76:12:1", 0], "latent_image": ["5", 0]}},
             "76:67": {"class_type": "CLIPTextEncode", "inputs": {"text": ["9", 0]}},
             "76:12:1": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog"}},
             "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 256, "height": 128}},
             "9": {"class_type": "PrimitiveString", "inputs": {"value": "a well"}}}
            """));

        Assert.Equal(("a well", "fog", 3UL, 4, 256, 128), (info.Prompt, info.NegativePrompt, info.Seed, info.Steps, info.Width, info.Height));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Subgraphs_in_subgraphs_without_end_end(int times)
    {
        var inside = string.Join(',', Enumerable.Range(0, times).Select(i => $$"""{"id": {{i}}, "type": "S", "inputs": [{"name": "a", "link": 1}] }"""));
        var graph = $$"""
            {"nodes": [{"id": 2, "type": "KSampler", "inputs": [{"name": "positive", "link": 1}], "widgets_values": [5, 6, 7, "euler", "normal", 1]}, {"id": 1, "type": "S"}], "links": [[1, 1, 0, 2, 0, "C"]],
             "definitions": {"subgraphs": [{"id": "S", "inputs": [{"name": "a"}], "outputs": [{"name": "b"}], "nodes": [{{inside}}], "links": [[1, 0, 0, -20, 0, "C"]]}] } }
            """;

        var reading = Task.Run(() => Of(("workflow", graph)));

        Assert.Equal(5UL, (await reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).Seed);
    }

    [Fact]
    public void A_sampler_in_parts_whose_guider_has_one_side()
    {
        var info = Of(("prompt", """
            {"13": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["25", 0], "guider": ["22", 0], "sampler": ["16", 0], "sigmas": ["17", 0], "latent_image": ["27", 0]}},
             "25": {"class_type": "RandomNoise", "inputs": {"noise_seed": 219670278747233}},
             "22": {"class_type": "BasicGuider", "inputs": {"model": ["12", 0], "conditioning": ["26", 0]}},
             "26": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "cute anime girl", "clip": ["11", 0]}},
             "16": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
             "17": {"class_type": "BasicScheduler", "inputs": {"scheduler": "simple", "steps": 20, "denoise": 1, "model": ["12", 0]}},
             "12": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev.safetensors", "weight_dtype": "default"}},
             "27": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1024, "height": 1024, "batch_size": 1}}}
            """));

        Assert.Equal(("cute anime girl", "", "euler", "simple", "flux1-dev.safetensors"), (info.Prompt, info.NegativePrompt, info.Sampler, info.Scheduler, info.Model));
        Assert.Equal((219670278747233UL, 20, 1024, 1024), (info.Seed, info.Steps, info.Width, info.Height));
        Assert.Contains(("guidance", "3.5"), Settings(info));
    }

    [Fact]
    public void The_first_pass_is_meant_and_conditioning_is_followed_on_its_side()
    {
        var info = Of(("prompt", """
            {"1": {"class_type": "KSampler", "inputs": {"seed": 2, "steps": 9, "positive": ["4", 0], "negative": ["4", 1], "latent_image": ["5", 0]}},
             "2": {"class_type": "KSamplerAdvanced", "inputs": {"noise_seed": ["9", 0], "steps": 30, "positive": ["4", 0], "negative": ["4", 1], "latent_image": ["6", 0]}},
             "4": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["7", 0], "negative": ["8", 0], "strength": 1.0}},
             "5": {"class_type": "VAEEncode", "inputs": {"pixels": ["1", 0]}},
             "6": {"class_type": "EmptyLatentImage", "inputs": {"width": ["10", 0], "height": 1024}},
             "7": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["11", 0], "conditioning_2": ["12", 0]}},
             "8": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["11", 0]}},
             "9": {"class_type": "Seed (rgthree)", "inputs": {"seed": 77}},
             "10": {"class_type": "INTConstant", "inputs": {"value": 896}},
             "11": {"class_type": "CLIPTextEncodeSDXL", "inputs": {"text_g": "a fox", "text_l": "a fox"}},
             "12": {"class_type": "ImpactWildcardEncode", "inputs": {"wildcard_text": "__hat__", "populated_text": "a red hat"}}}
            """));

        Assert.Equal(("a fox, a red hat", "", 77UL, 30, 896, 1024), (info.Prompt, info.NegativePrompt, info.Seed, info.Steps, info.Width, info.Height));
    }

    [Theory]
    [InlineData("""{"1": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "negative": ["2", 0], "seed": ["1", 0], "model": ["1", 0], "latent_image": ["1", 0]}}, "2": {"class_type": "X", "inputs": {"conditioning": ["3", 0]}}, "3": {"class_type": "X", "inputs": {"conditioning": ["2", 0], "seed": ["3", 0]}}}""")]
    [InlineData("""{"1": {"class_type": "KSampler", "inputs": {"seed": ["2", 0], "positive": ["9", 0]}}, "2": {"class_type": "X", "inputs": {"seed": ["1", 0]}}}""")]
    public void Graphs_that_run_in_circles_end(string graph)
    {
        var info = Of(("prompt", graph));

        Assert.Equal((Generator.ComfyUI, "", "", null), (info.Generator, info.Prompt, info.NegativePrompt, info.Seed));
    }

    [Fact]
    public void A_chain_of_many_nodes_is_followed_only_so_far()
    {
        var nodes = Enumerable.Range(1, 50_000).Select(i => $$"""
            "{{i}}": {"class_type": "X", "inputs": {"conditioning": ["{{i + 1}}", 0], "model": ["{{i + 1}}", 0], "samples": ["{{i + 1}}", 0]} }
            """);

        var info = Of(("prompt", $$"""{"0": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "model": ["1", 0], "latent_image": ["1", 0], "steps": 4} }, {{string.Join(',', nodes)}} }"""));

        Assert.Equal((4, ""), (info.Steps, info.Prompt));
    }

    [Fact]
    public async Task Many_samplers_before_wide_nodes_are_not_each_followed_through_all_of_them()
    {
        var samplers = Enumerable.Range(0, 4000).Select(i => $$"""
            "s{{i}}": {"class_type": "KSampler", "inputs": {"latent_image": ["0", 0], "steps": {{i}} } }
            """);
        var inputs = string.Join(',', Enumerable.Range(0, 400).Select(i => $"\"samples{i}\": 0"));
        var nodes = Enumerable.Range(0, 1000).Select(i => $$"""
            "{{i}}": {"class_type": "X", "inputs": {"samples": ["{{i + 1}}", 0], {{inputs}} } }
            """);
        var graph = $"{{{string.Join(',', samplers.Concat(nodes))}}}";

        var reading = Task.Run(() => Of(("prompt", graph)));

        Assert.Equal(0, (await reading.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken)).Steps);
    }

    [Theory]
    [InlineData("[", 200_000)]
    [InlineData("{\"a\":", 200_000)]
    [InlineData("{\"class_type\": \"KSampler\", \"inputs\": ", 100_000)]
    public void Deep_JSON_is_nothing(string part, int times)
    {
        Assert.Null(GenerationInfo.Of(new EmbeddedMetadata { Texts = [new("prompt", $"{{\"1\": {string.Concat(Enumerable.Repeat(part, times))}")] }));
    }

    [Fact]
    public void Halves_of_characters_do_not_matter()
    {
        var info = Of(("prompt", """{"1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "\uDC00": 1, "steps": 3}}, "2": {"class_type": "C", "inputs": {"text": "a \ud83d\ude00 \ud83d b \\ud800 NaN"}}, "3": Infinity, "4": -Infinity}""" + "\ud800"[..0]));

        Assert.Equal(("a 😀 \uFFFD b \\ud800 NaN", 3), (info.Prompt, info.Steps));
    }

    private static GenerationInfo Of(params (string Keyword, string Text)[] texts) =>
        GenerationInfo.Of(new EmbeddedMetadata { Texts = [.. texts.Select(t => new TextEntry(t.Keyword, t.Text))] }) ?? throw new InvalidOperationException("Nothing was found.");

    private static IEnumerable<(string, string)> Settings(GenerationInfo info) => info.Settings.Select(s => (s.Key, s.Value));
}
